export default definePageConfig({ navigationBarTitleText: '指定金额收款' })
