import { readLines } from './lines.js';
import { createHost } from './server.js';
import { openPortReservations } from '../port-reservations.js';
import type { OpenOptions } from '../port-reservations.js';
import { VERSION } from '../version.js';

/** How often the host checks that its client still runs, in milliseconds. Normally, the end of stdin comes first. */
const PARENT_WATCH_INTERVAL = 500;
const END_GRACE = 500;
/** For a client that has closed stdin and still reads the answers: off Windows, a pipe holds only a limited amount. */
const FLUSH_GRACE = 5_000;

/**
 * The host: JSON-RPC 2.0, one JSON object per line, on stdin and stdout. stdout has only the protocol; diagnostics go to
 * stderr. It lives as long as its client, because sockets and runtime reservations end with their process (rules R3,
 * R5), and no longer: it ends with stdin, or with the client's process if another process still holds the pipe.
 */
export function runHost(options: OpenOptions): void {
  let inFlight = 0;
  let ending = false;
  let leaving = false;
  const host = createHost({
    version: VERSION,
    open: () => openPortReservations(options),
    onInitialize: watchParent,
    onShutdown: () => end(),
  });

  function watchParent(processId: number | undefined): void {
    if (processId === undefined) return;
    setInterval(() => {
      if (!isAlive(processId)) leave();
    }, PARENT_WATCH_INTERVAL).unref();
  }

  /** Ends after the pending answers, but does not wait long for the stack. */
  function end(): void {
    if (!ending) setTimeout(leave, END_GRACE).unref();
    ending = true;
    if (inFlight === 0) leave();
  }

  /** Releases everything at once, and ends when the answers are written and winnat is not left stopped. */
  function leave(): void {
    if (leaving) return;
    leaving = ending = true;
    void host.close().finally(() => {
      setTimeout(() => process.exit(0), FLUSH_GRACE).unref();
      process.stdout.write('', () => process.exit(0));
    });
  }

  async function onLine(line: string): Promise<void> {
    inFlight += 1;
    try {
      const response = await host.answer(line);
      if (response !== null) process.stdout.write(`${response}\n`);
    } finally {
      inFlight -= 1;
      if (ending) end();
    }
  }

  // Ctrl+C reaches every process of a console; only the client decides what it means.
  process.on('SIGINT', () => {});
  process.on('SIGBREAK', () => {});
  process.on('SIGTERM', leave);
  process.on('SIGHUP', leave);
  // Nobody reads the answers any more.
  process.stdout.on('error', leave);

  readLines(process.stdin, (line) => void onLine(line), () => process.stdout.write(`${host.tooLong()}\n`));
  process.stdin.on('end', end);
  process.stdin.on('error', end);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
