import { Socket } from 'node:net';
import { Lines } from './lines.js';
import { Output } from './output.js';
import { Host } from './server.js';
import { openPortReservations } from '../open.js';
import type { OpenOptions } from '../open.js';

/** How often the host checks that its client still runs, in milliseconds. Normally, the end of stdin comes first. */
const PARENT_WATCH_INTERVAL = 500;
/** Milliseconds after the end of stdin for the requests that are under way. */
const END_GRACE = 500;
/** Milliseconds that a client that has closed stdin may read nothing at all. It may read the rest of the answers as slowly as it likes. */
const FLUSH_GRACE = 5_000;

/**
 * The host: JSON-RPC 2.0, one JSON object per line, on stdin and stdout. stdout has only the protocol; diagnostics go to
 * stderr. It lives as long as its client, because sockets and runtime reservations end with their process (rules R3,
 * R5), and no longer: it ends with stdin, or with the client's process if another process still holds the pipe.
 */
export function runHost(options: OpenOptions): void {
  /** The lines that are not answered yet. */
  const inFlight = new Set<Promise<void>>();
  let ending = false;
  let leaving = false;
  const output = new Output(process.stdout);
  const host = new Host({
    open: (voice) => openPortReservations({ ...options, voice }),
    onInitialize: watchParent,
    onShutdown: () => end(),
    ready: () => output.ready(),
  });
  const lines = new Lines(process.stdin, { onLine, onTooLong: () => write(host.tooLong()), onEnd: end });

  function watchParent(processId: number | undefined): void {
    if (processId === undefined) return;
    setInterval(() => {
      if (!isAlive(processId)) leave();
    }, PARENT_WATCH_INTERVAL).unref();
  }

  /** Ends once the pending requests are answered, or after a short time without them. */
  function end(): void {
    if (!ending) setTimeout(leave, END_GRACE).unref();
    ending = true;
    if (inFlight.size === 0) leave();
  }

  /** Releases everything at once, and ends when the answers are written and winnat is not left stopped. */
  function leave(): void {
    if (leaving) return;
    leaving = ending = true;
    void host.close().then(() => Promise.allSettled(inFlight)).finally(() => {
      whenNothingIsRead(() => process.exit(0));
      process.stdout.write('', () => process.exit(0));
    });
  }

  /** Stops reading requests while the client reads no answers, which would fill the memory. */
  function write(line: string): void {
    output.write(line);
    if (!output.isFull || lines.held) return;
    lines.hold();
    void output.ready().then(() => lines.release());
  }

  function onLine(line: string): void {
    let done = () => {};
    const answered = new Promise<void>((resolve) => (done = resolve));
    // Before it is read: it may be the one that ends the host.
    inFlight.add(answered);
    void host.answer(line).then((response) => {
      if (response !== null) write(response);
    }).finally(() => {
      inFlight.delete(answered);
      done();
      if (ending) end();
    });
  }

  // Ctrl+C reaches every process of a console; only the client decides what it means.
  process.on('SIGINT', () => {});
  process.on('SIGBREAK', () => {});
  process.on('SIGTERM', leave);
  process.on('SIGHUP', leave);
  // Nobody reads the answers any more.
  process.stdout.on('error', leave);
  // That nobody reads the diagnostics is no reason to end.
  process.stderr.on('error', () => {});

  // The lines that are held back are still to be answered. If the client reads nothing more, they never would be.
  process.stdin.on('end', () => {
    if (lines.held) whenNothingIsRead(leave);
  });
  process.stdin.on('error', end);
}

/** Calls back when the client has read nothing for a while. Only a pipe can be left unread. */
function whenNothingIsRead(then: () => void): void {
  // Counts from the last byte that was taken, also within one write.
  if (process.stdout instanceof Socket) process.stdout.setTimeout(FLUSH_GRACE, then);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
