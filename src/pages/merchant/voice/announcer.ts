import type { Sound } from './words'

/** In a rush so many wait to be said, some twenty seconds; of more the oldest give way to the newest. */
const MOST_WAITING = 5

export interface Announcer {
  say(sounds: readonly Sound[]): void
  /** Says nothing more; what is sounding ends by itself. */
  hush(): void
}

/**
 * Says one thing after another, each sound when the one before has ended. `play` gives whether it was heard; when it wasn't, the
 * device lets nothing be heard now, so what waits is dropped and `onMute` told.
 */
export function announcer(play: (sound: Sound) => Promise<boolean>, onMute: () => void): Announcer {
  const waiting: (readonly Sound[])[] = []
  let speaking = false
  /** which run may go on: after a hush another one begins */
  let turn = 0

  const run = async (mine: number) => {
    speaking = true
    for (let next = waiting.shift(); next; next = waiting.shift())
      for (const sound of next) {
        const heard = await play(sound)
        if (mine !== turn) return
        if (heard) continue
        waiting.length = 0
        speaking = false
        onMute()
        return
      }
    speaking = false
  }
  return {
    say(sounds) {
      waiting.push(sounds)
      if (waiting.length > MOST_WAITING) waiting.shift()
      if (!speaking) void run(turn)
    },
    hush() {
      waiting.length = 0
      speaking = false
      turn++
    },
  }
}
