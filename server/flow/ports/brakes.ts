import type { Brake, BrakeSubject } from '../../domain/brake'
import type { Change } from '../../domain/campaign-life'
import type { CampaignRecord, Sight } from './campaigns'
import type { Deed } from './deed'

export interface HeldBrake extends Brake {
  /** it waits for review that it be let go of: pulled again, that is set back */
  releaseAsked: boolean
}

export interface HeldMerchant extends HeldBrake {
  merchantCode: string
  name: string
}

/**
 * The brakes, and what pulling one takes to know; letting go is a change request. All of it goes over connections that nothing else of the operators' desk uses
 * but the look at their session, and waits for no row that they write.
 */
export interface Brakes {
  /**
   * Pulls it, whatever else is open. One that is held already stays as it was, and nothing is written: `pulled` is false. What waits for
   * review and would let go of it is set back, and then it counts as pulled anew. `opens`: a campaign's pause, to be reviewed.
   */
  pull(input: {
    subject: BrakeSubject
    note: string | null
    at: number
    opens?: Change
    deed: Deed
  }): Promise<{ pulled: boolean; brake: Brake }>
  find(subject: BrakeSubject): Promise<HeldBrake | undefined>
  /** Merchants in sight that are held, by code. */
  heldMerchants(sight: Sight, limit: number): Promise<HeldMerchant[]>

  /** As {@link CampaignBook.find}. */
  campaign(campaignId: string, sight: Sight): Promise<CampaignRecord | undefined>
  /** Whose it is; undefined when there is none in sight. */
  merchant(merchantCode: string, sight: Sight): Promise<{ branchCode: string } | undefined>
}
