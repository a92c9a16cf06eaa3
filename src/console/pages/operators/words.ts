import type { Role } from '@contract'

/** What each role is for, for whoever gives it. Least privilege: making and checking are different people. */
export const ROLE_RIGHTS: Record<Role, string> = {
  viewer: '看活动、商户、订单、报表，什么都不能改',
  maker: '起草活动、提交上线和变更、导入商户、发绑定码、对账',
  checker: '复核别人提交的活动和变更、对账、认可或驳回差错',
  auditor: '看对账和审计日志，什么都不能改',
  admin: '管理操作员、看审计日志；不能起草也不能复核',
}

/** Roles that concern the whole bank; within one branch they can't do what they are for. */
export const WHOLE_BANK_ROLES: readonly Role[] = ['auditor', 'admin']
