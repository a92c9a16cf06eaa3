/** The longest recording is under a second; one that says nothing of its end by then never will. */
const LONGEST_MS = 4_000

/** One element for all of them: a browser lets it be heard from the person's first tap on. */
let audio: HTMLAudioElement | undefined

/** Another sound in the middle of one ends it unheard. */
export function playSound(sound: string): Promise<boolean> {
  audio ??= new Audio()
  const player = audio
  return new Promise((resolve) => {
    const end = (heard: boolean) => {
      clearTimeout(late)
      player.removeEventListener('ended', ended)
      player.removeEventListener('error', failed)
      resolve(heard)
    }
    const ended = () => end(true)
    const failed = () => end(false)
    const late = setTimeout(failed, LONGEST_MS)
    player.addEventListener('ended', ended)
    player.addEventListener('error', failed)
    player.src = `voice/${sound}.mp3`
    Promise.resolve(player.play()).catch(failed)
  })
}
