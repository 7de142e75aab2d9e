/**
 * Starts the page. Chromium drops requests under way when a network interface comes or goes, and on a machine that runs
 * a swarm that happens all the time: if a part of the page did not arrive, the page is loaded again.
 */
const ATTEMPTS = 5;
const AGAIN_MS = 300;

const attempt = Number(sessionStorage.getItem('attempt') ?? 0);

async function start() {
  await import('./page.js');
  const missing = [...document.styleSheets].length < document.querySelectorAll('link[rel=stylesheet]').length;
  if (missing) throw new Error('A style sheet did not arrive.');
}

start().then(
  () => sessionStorage.removeItem('attempt'),
  (/** @type {unknown} */ error) => {
    if (attempt >= ATTEMPTS) throw error;
    sessionStorage.setItem('attempt', String(attempt + 1));
    setTimeout(() => location.reload(), AGAIN_MS);
  },
);
