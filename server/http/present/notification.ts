import type { Untold } from '../../flow/notification/show'
import { wordsOf } from '../../flow/notification/words'
import type { SeenNotification } from '../../flow/ports'
import type { NotificationList, NotificationView } from '../contract'
import { iso } from './iso'

export function presentNotification(one: SeenNotification): NotificationView {
  const { notificationId: id, at, kind, content, read, settled, untold } = one
  const { by, note } = 'by' in content ? content : { by: null, note: null }
  return { id, at: iso(at), kind, ...wordsOf(one), by, note, read, settled, untold }
}

export const presentUntold = ({ oldestAt, ...rest }: Untold): NotificationList['outside'][number] => ({
  ...rest,
  oldestAt: iso(oldestAt),
})
