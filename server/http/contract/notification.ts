import { z } from 'zod'
import { NOTIFICATION_KINDS } from '../../domain/notification'
import { NOTIFICATION_TARGETS } from '../../flow/ports'
import { timestamp } from './common'

/** What an operator is told of (消息), each by their roles and their branch. */
const target = z.enum(NOTIFICATION_TARGETS)
export const notificationView = z
  .object({
    id: z.int(),
    at: timestamp,
    kind: z.enum(NOTIFICATION_KINDS),
    title: z.string(),
    text: z.string().describe('what there is to know beside; may be empty'),
    by: z.string().nullable().describe('who asked, or who rejected; null: nobody did'),
    note: z.string().nullable().describe('why, as they wrote it'),
    place: z.string().describe('below #/console/, where what it tells of is'),
    read: z.boolean(),
    settled: z.boolean().describe('it waited for a review, and doesn’t any more'),
    untold: z.array(target).describe('where it couldn’t be told so far, or at all'),
  })
  .meta({ id: 'Notification' })
const unreadShape = {
  unread: z.int().describe('neither read nor settled'),
  more: z.boolean().describe('at least so many'),
}
export const notificationList = z
  .object({
    items: z.array(notificationView).describe('of the last thirty days, newest first'),
    nextCursor: z.string().optional(),
    ...unreadShape,
    outside: z
      .array(
        z.object({ target, count: z.int(), oldestAt: timestamp, code: z.string().describe('of the last attempt') }),
      )
      .describe('what couldn’t be told outside of the console so far, or at all'),
  })
  .meta({ id: 'NotificationList' })
export const unreadView = z.object(unreadShape).meta({ id: 'Unread' })
export const notificationQuery = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
})

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
export const readBody = z
  .object({
    ids: z.array(id).min(1).max(200).optional().describe('these'),
    upTo: id.optional().describe('all of one’s own up to this one'),
  })
  .refine((body) => (body.ids === undefined) !== (body.upTo === undefined), {
    error: 'one of ids and upTo',
    path: ['ids'],
  })
  .meta({ id: 'ReadRequest' })

export type NotificationView = z.infer<typeof notificationView>
export type NotificationList = z.infer<typeof notificationList>
export type UnreadView = z.infer<typeof unreadView>
