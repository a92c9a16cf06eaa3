declare module '*.scss'

/** Origin of the BFF, built into the mini-program (config/index.ts). */
declare const FAPAI_API_ORIGIN: string
/** By which name the bank's own app is known in a user agent (src/platform/agent.ts). */
declare const FAPAI_BANK_APP: string
/** True when the package was built for the sandbox: a login code is the name of a person. */
declare const FAPAI_SANDBOX: boolean
