import { codeOf } from '../errors.ts';
/** Why nothing came back, and what to do about it. */
export interface Trouble {
  readonly reason: string;
  readonly hint: string;
}

const NAME = 'check the name in the address, and the resolver of this host';
const SLOW = 'check that the receiver is up and not behind a firewall that drops packets';
const TRUST = 'let the receiver send its whole chain; for a private authority start whyd with NODE_EXTRA_CA_CERTS=FILE';

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: { reason: 'connection refused', hint: 'start the receiver, or check host and port' },
  ENOTFOUND: { reason: 'no such host', hint: NAME },
  EAI_AGAIN: { reason: 'the name could not be resolved for now', hint: NAME },
  ETIMEOUT: { reason: 'the name could not be resolved in time', hint: NAME },
  EHOSTUNREACH: { reason: 'no route to the host', hint: 'check the network between here and there' },
  ENETUNREACH: { reason: 'no route to the network', hint: 'check the network between here and there' },
  ECONNRESET: { reason: 'the receiver closed the connection', hint: 'look into its log; is it https or http?' },
  UND_ERR_SOCKET: { reason: 'the receiver closed the connection', hint: 'look into its log; is it https or http?' },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'no connection in time', hint: SLOW },
  ETIMEDOUT: { reason: 'no connection in time', hint: SLOW },
  UND_ERR_HEADERS_TIMEOUT: { reason: 'connected, but no answer in time', hint: 'look into the log of the receiver' },
  HTTPParserError: {
    reason: 'what came back is not HTTP',
    hint: 'check host, port and whether it is https or http',
  },
  TimeoutError: { reason: 'no answer in time', hint: 'look into the log of the receiver' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { reason: 'its certificate is self-signed', hint: TRUST },
  SELF_SIGNED_CERT_IN_CHAIN: { reason: 'its certificate is of an authority that is not trusted here', hint: TRUST },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { reason: 'its certificate cannot be verified', hint: TRUST },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { reason: 'its certificate is of an unknown authority', hint: TRUST },
  CERT_HAS_EXPIRED: { reason: 'its certificate has expired', hint: 'renew it' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'its certificate is for another name',
    hint: 'use the name of the certificate',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { reason: 'it does not speak TLS', hint: 'write http:// if that is meant' },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { reason: 'it does not speak TLS', hint: 'write http:// if that is meant' },
};

/** Says in an operator's words why a delivery failed. */
export function troubleOf(error: unknown): Trouble {
  const known = [codeOf(error), error instanceof Error ? error.name : null].flatMap((key) => TROUBLES[key ?? ''] ?? []);
  if (known[0] !== undefined) return known[0];
  return { reason: error instanceof Error ? error.message : String(error), hint: 'check the address of the sink' };
}
