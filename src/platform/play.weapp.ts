import Taro from '@tarojs/taro'

/** As in a browser (play.ts). */
const LONGEST_MS = 4_000

let player: Taro.InnerAudioContext | undefined

/** The recordings are in the package. A telephone set to silent speaks too: its owner has asked it to. */
export function playSound(sound: string): Promise<boolean> {
  if (!player) {
    player = Taro.createInnerAudioContext()
    Taro.setInnerAudioOption({ obeyMuteSwitch: false, mixWithOther: true }).catch(() => {})
  }
  const mine = player
  return new Promise((resolve) => {
    const end = (heard: boolean) => {
      clearTimeout(late)
      mine.offEnded(ended)
      mine.offError(failed)
      resolve(heard)
    }
    const ended = () => end(true)
    const failed = () => end(false)
    const late = setTimeout(failed, LONGEST_MS)
    mine.onEnded(ended)
    mine.onError(failed)
    mine.src = `/voice/${sound}.mp3`
    mine.play()
  })
}
