import { pino, type Logger } from 'pino';

export type Log = Logger;

/** JSON lines on standard output. Fields that could carry a secret are cut off by name, whatever is logged. */
export function createLog(process: 'bot' | 'worker', level: string): Log {
  return pino({
    level,
    base: { process },
    redact: {
      paths: [
        'token',
        '*.token',
        'password',
        '*.password',
        '*.*.token',
        'headers',
        '*.headers',
        'config',
        '*.config',
      ],
      censor: '[secret]',
    },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  });
}
