import type { Socket } from 'node:net';
import { makeProblem, PROBLEM_TYPE, type ProblemCode } from './problem.ts';

const CODE_OF_ERROR: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request.timeout',
  HPE_HEADER_OVERFLOW: 'request.too_large',
};

/** Answers bytes that are no HTTP request, where there is no request object yet to reply to, and hangs up. */
export function refuseMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = makeProblem(
    CODE_OF_ERROR[error.code ?? ''] ?? 'request.invalid',
    'the bytes sent are no HTTP request',
  );
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${String(problem.status)} ${problem.title}`;
  const fields = `content-type: ${PROBLEM_TYPE}\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\nconnection: close`;
  socket.end(`${head}\r\n${fields}\r\n\r\n${body}`);
}
