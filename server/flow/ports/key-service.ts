/** Who keeps the key under which keys of ours are wrapped (a KMS): that one never leaves there, and what lies with us opens nothing without it. */
export interface KeyService {
  /** The key that is wrapped in `wrapped`. @throws KeyServiceUnavailable when asking again may help, KeyRefused when it won't */
  unwrap(wrapped: string): Promise<Uint8Array>
}

/** It can't say now. Its message has no secret, and nothing that the other side said. */
export class KeyServiceUnavailable extends Error {
  override name = 'KeyServiceUnavailable'
}

/** It won't, however often it is asked. As bare as the other. */
export class KeyRefused extends Error {
  override name = 'KeyRefused'
}
