import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { DownstreamError } from './types.ts';

type Id = string | number;

/** Follows which requests of a connection are open, so that whatever comes instead of an answer is told to whom it is due. */
export interface Tracker {
  /** Notes a message of ours that goes out. */
  sent(message: JSONRPCMessage): void;
  /** Notes a message that came; false for the answer to a request that was never made. */
  came(message: JSONRPCMessage): boolean;
  /** Gives an open request an error for an answer. */
  fail(id: Id, error: DownstreamError): void;
  /** It will get no answer, and knows. */
  forget(id: Id): void;
  failAll(error: DownstreamError): void;
  isOpen(id: Id): boolean;
}

/** `deliver` hands a message to the client as if it had come. */
export function createTracker(deliver: (message: JSONRPCMessage) => void): Tracker {
  const open = new Set<Id>();
  /** Numbers count up; of the rest, which are few, each is kept. */
  let highest = -1;
  const named = new Set<Id>();

  function fail(id: Id, error: DownstreamError): void {
    if (!open.delete(id)) return;
    // The reference to the error comes back out of the client as it went in, which no server can forge.
    deliver({ jsonrpc: '2.0', id, error: { code: -32_603, message: error.message, data: error } });
  }

  return {
    sent(message) {
      const id = requestId(message);
      if (id === undefined) return;
      open.add(id);
      if (typeof id === 'number') highest = Math.max(highest, id);
      else named.add(id);
    },
    came(message) {
      if ('method' in message) return true;
      const { id } = message;
      if (id === undefined) return false;
      open.delete(id);
      return typeof id === 'number' ? id >= 0 && id <= highest : named.has(id);
    },
    fail,
    forget: (id) => void open.delete(id),
    failAll(error) {
      for (const id of [...open]) fail(id, error);
    },
    isOpen: (id) => open.has(id),
  };
}

/** The id of a request; undefined for notifications and answers. */
export function requestId(message: JSONRPCMessage): Id | undefined {
  return 'method' in message && 'id' in message ? message.id : undefined;
}

/** The failure that stands in the error of the client, where a transport of ours gave it. */
export function failureIn(error: unknown): DownstreamError | undefined {
  if (error instanceof DownstreamError) return error;
  const data = error instanceof Error && 'data' in error ? error.data : undefined;
  return data instanceof DownstreamError ? data : undefined;
}
