import { setQuery } from '../../router'
import { Choices } from '../../ui'
import { channelWord } from '../orders/words'
import { type Channel, OWN } from './words'

/** Whose books: a tab each; for where there is more than one. */
export const Channels = ({ channels, chosen }: { channels: readonly Channel[]; chosen: Channel }) => (
  <div className="c-day-tabs">
    <Choices
      label="渠道"
      options={channels.map((channel) => [channel, channelWord(channel)] as const)}
      chosen={chosen}
      onChoose={(channel) => setQuery({ channel: channel === OWN ? undefined : channel, difference: undefined })}
    />
  </div>
)
