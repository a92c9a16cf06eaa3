import { z } from 'zod'
import { textFault, textFaultMessage, tidied } from '../../domain/text'

/**
 * A line that people write for people: a name, an organiser. NFC, no blanks at its ends, nothing hidden in it; lengths in
 * characters. A refusal says in `reason` which of it was.
 */
export const humanText = (min: number, max: number) => checked(tidied, min, max)

/** The same from a box of several lines, as reasons are typed: a line break is a blank. */
export const humanNote = (max: number) => checked((text) => tidied(text.replace(/\s*[\r\n]+\s*/g, ' ')), 1, max)

const checked = (tidy: (text: string) => string, min: number, max: number) =>
  z
    .string()
    .overwrite(tidy)
    .superRefine((text, context) => {
      const fault = textFault(text, min, max)
      if (!fault) return
      context.addIssue({ code: 'custom', message: textFaultMessage(fault, min, max), params: { reason: fault } })
    })
    .meta({ minLength: min, maxLength: max })
