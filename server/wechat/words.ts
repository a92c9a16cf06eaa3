/** The words of a merchant's message, each by the template's own key for it (`amount3`). */
export const MESSAGE_WORDS = ['shop', 'date', 'count', 'amount'] as const
export type MessageFields = Readonly<Record<(typeof MESSAGE_WORDS)[number], string>>
