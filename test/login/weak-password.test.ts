import { passwordTask } from '../../server/login/weak-password'

const words = ['wang-fang', 'wang', 'fang', 'wangfang', '王芳', '江南农商银行', '江南农商']
const faultOf = (password: string) => passwordTask.run({ password, words })

describe('a password that is chosen', () => {
  it.each([
    ['password123', 'common'],
    ['P@ssw0rd2026', 'common'],
    ['Aa123456789', 'common'],
    ['1qaz2wsx3edc', 'common'],
    ['iloveyou1314', 'common'],
    ['zxcvbnm,./', 'keyboard'],
    ['ａｄｍｉｎ１２３４５６', 'common'],
    ['Admin@123456', 'keyboard'],
    ['Fapai@2026', 'personal'],
    ['fapai-20261128', 'personal'],
    ['wang-fang-1988', 'personal'],
    ['yin-hang_2026!!', 'personal'],
    ['f4p41f4p41', 'repeat'],
    ['发牌发牌2026', 'repeat'],
    ['wangfang1988', 'personal'],
    ['gnafgnaw2026', 'personal'],
    ['王芳王芳王芳王芳王芳', 'repeat'],
    ['江南农商银行888', 'personal'],
    ['zhongguoyinhang', 'personal'],
    ['yinhang20261128', 'date'],
    ['aaaaaaaaaaaa', 'repeat'],
    ['abcdefghijkl', 'sequence'],
    ['2026-11-28-11', 'date'],
    ['19880808zs', 'date'],
  ])('is not %j: %s', (password, fault) => {
    expect([password, faultOf(password)]).toEqual([password, fault])
  })

  it.each([
    'correct horse battery staple',
    'blue-river-41-lantern',
    '豆浆油条配咸菜再来碗粥',
    'quite-another-password',
    'vK3!mq9Zt2#x',
    'wang-fang keeps 17 green turtles',
  ])('may be %j', (password) => {
    expect(faultOf(password)).toBeNull()
  })

  it('is read only as far as it costs little, however long it is', () => {
    expect(faultOf(`${'p@ssw0rdP4$$w0rd'.repeat(12)}`)).toBe('repeat')
    expect(faultOf('1qaz'.repeat(50))).not.toBeNull()
    const long = Array.from({ length: 200 }, (_, i) => String.fromCharCode(33 + ((i * 37) % 90))).join('')
    expect(faultOf(long)).toBeNull()
  })
})
