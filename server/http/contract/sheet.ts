import { z } from 'zod'
import { campaignId } from './admin-common'
import { booksQuery, reconciliationView } from './books'
import { businessDate, timestamp } from './common'
import { report, reportQuery } from './report'

const stamp = {
  generatedAt: timestamp,
  by: z.object({ username: z.string(), name: z.string() }),
  sha256: z.string().describe('of the canonical text (RFC 8785) of {sheet, generatedAt, by}'),
  code: z.string().describe('its first 16 digits: the log has `sheet/<code>`'),
}

export const sheetOfReportBody = reportQuery.meta({ id: 'ReportSheetRequest' })
export const sheetOfReport = z
  .object({
    sheet: z.object({
      campaign: z.object({
        campaignId,
        name: z.string(),
        organiser: z.string(),
        version: z.int().describe('of the terms; 0 before they were approved'),
        startDate: businessDate,
        endDate: businessDate,
      }),
      report,
    }),
    ...stamp,
  })
  .meta({ id: 'ReportSheet' })

export const sheetOfDayBody = booksQuery.meta({ id: 'ReconciliationSheetRequest' })
export const sheetOfDay = z.object({ sheet: reconciliationView, ...stamp }).meta({ id: 'ReconciliationSheet' })

export type SheetOfReport = z.infer<typeof sheetOfReport>
export type SheetOfDay = z.infer<typeof sheetOfDay>
