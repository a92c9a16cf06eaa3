import type { Deed } from './deed'

/** The secret that an operator's authenticator app shares with us, encrypted. */
export interface SealedSecret {
  sealed: string
  /** which of our master keys it is encrypted under */
  keyId: string
}

export interface SecondFactor {
  secret: SealedSecret
  /** of the last code that was taken */
  lastStep: number
  since: number
  recoveryCodesLeft: number
}

export interface SecondFactors {
  secondFactor(username: string): Promise<SecondFactor | undefined>
  /** True for one caller alone, and for no step that isn't later than the last. `resealed`: the secret, under the current key. */
  spendStep(username: string, step: number, resealed: SealedSecret | null): Promise<boolean>
  /** True for one caller alone. */
  spendRecoveryCode(username: string, codeHash: string, deed: Deed): Promise<boolean>
  /** In place of any before. Its session has passed it; the operator's others end. */
  enrol(
    username: string,
    factor: { secret: SealedSecret; step: number; codeHashes: readonly string[]; sessionId: string },
    deed: Deed,
  ): Promise<void>
  /** Takes it away, and ends the operator's sessions. False: there is none. */
  dropSecondFactor(username: string, deed: Deed): Promise<boolean>
}
