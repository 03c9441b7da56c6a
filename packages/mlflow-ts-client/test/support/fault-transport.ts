import { isStreamBody, type HttpRequest, type HttpResponse, type Transport } from '../../src/transport/transport.js';
import { GATEWAY_ANSWERS, HTML_500, type Fault } from './faults.js';
import type { FaultyWay } from './schedule.js';

/** An answer before it is sent. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
}
export type Respond = (method: string, url: string, body: Buffer) => Answer;

const LATE_MS = 4;

/** A way to a server in this process, without sockets: the same faults as the proxy's, at a fiftieth of its cost. */
export function faultTransport(
  uri: string,
  respond: Respond,
  counts: Map<Fault, number>,
): FaultyWay & { transport: Transport } {
  const way = {
    uri,
    decide: (): Fault => 'none',
    transport: async (request: HttpRequest): Promise<HttpResponse> => {
      const fault = way.decide();
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      const body = await wholeBody(request.body);
      const send = (): Answer => respond(request.method, request.url, body);
      // Turns of the event loop stand for the way there and back.
      await turn();
      if (request.signal?.aborted) throw new Error('the request was cancelled');
      const own = GATEWAY_ANSWERS[fault];
      if (own !== undefined) return response(own);
      if (fault === 'cut-before') throw new Error('socket hang up');
      if (fault === 'late') {
        setTimeout(send, LATE_MS);
        throw new Error('socket hang up');
      }
      if (fault === 'duplicate') send();
      const answer = send();
      if (fault === 'delay') await new Promise((resolve) => setTimeout(resolve, 1));
      await turn();
      if (fault === 'cut-after') throw new Error('socket hang up');
      if (fault === '500-done') return response(HTML_500);
      return response(answer, fault === 'cut-answer');
    },
  };
  return way;
}

function response(answer: Answer, cut = false): HttpResponse {
  const body = Buffer.from(answer.body);
  return {
    status: answer.status,
    contentType: answer.type,
    retryAfter: undefined,
    text: async () => {
      if (cut) throw new Error('the answer was cut off');
      return body.toString('utf8');
    },
    async *chunks() {
      yield body;
      if (cut) throw new Error('the answer was cut off');
    },
  };
}

async function wholeBody(body: HttpRequest['body']): Promise<Buffer> {
  if (!isStreamBody(body)) return Buffer.from(body ?? '');
  const parts: Uint8Array[] = [];
  for await (const part of body.open()) parts.push(part);
  return Buffer.concat(parts);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
