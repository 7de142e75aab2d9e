import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import type { LocalSlack } from '../../demo/slack/server.ts';

const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why the page can't be tried here, if it can't: to put behind the name of a group of tests. */
export const leftOut = existsSync(EXECUTABLE)
  ? undefined
  : ` (left out: there is no ${EXECUTABLE}; install Debian's chromium to try the page in a real browser)`;

if (leftOut) console.warn(`The page in the browser${leftOut}`);

/**
 * Chromium drops requests under way when an interface of the machine comes or goes, as those of a swarm lab do. The page
 * recovers, but a press or a typed line may have been lost, so such a test is tried again.
 */
export const underLoad = { timeout: 60_000, retry: 2 };
const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';

/** One Chromium with a profile of its own, and pages in it that report every mistake of theirs. */
export class Browser {
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly #complaints: string[] = [];

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'swarmkeeper-page-'));
    const options = { executablePath: EXECUTABLE, headless: true, args: FLAGS };
    return new Browser(await chromium.launchPersistentContext(profile, options), profile);
  }

  /** The page as this person, showing `hash` (`#/ops`), once its messages can be there. */
  async open(
    slack: LocalSlack,
    as: string,
    { hash = '#/ops', width = 1280, height = 800 } = {},
  ): Promise<Page> {
    const page = await this.#context.newPage();
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' && !line.text().includes(NETWORK_CHANGED))
        this.#complaints.push(line.text());
    });
    await page.setViewportSize({ width, height });
    await page.goto(`${slack.url}/?as=${as}${hash}`);
    await page.locator('.pane-head h2').waitFor();
    return page;
  }

  /** Uncaught errors and messages of the console since the last call, among them what the page's CSP forbade. */
  takeComplaints(): string[] {
    return this.#complaints.splice(0);
  }

  /** Throws with what pages complained of since the last call. */
  assertNoComplaints(): void {
    const complaints = this.takeComplaints();
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  }

  async closePages(): Promise<void> {
    for (const page of this.#context.pages().slice(1)) await page.close();
  }

  async stop(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** What an expression comes to in the page; the expression is a string because these files know no DOM. */
export async function inPage(page: Page, expression: string): Promise<string> {
  return page.evaluate<string>(`String(${expression})`);
}
