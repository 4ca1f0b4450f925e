import { describe, expect, test } from 'vitest';
import { redactor } from '../../../src/privacy/redact.ts';

const redact = (text: string) => redactor({ level: 'standard', people: [], patterns: [] }).redact(text);

describe('a secret behind its label goes', () => {
  test.each([
    ['Password: hunter', 'Password: [SECRET_1]'],
    ['password=p@ss,word;x next', 'password=[SECRET_1] next'],
    ['Passwort: Sommer!2026# geht nicht', 'Passwort: [SECRET_1] geht nicht'],
    ['Kennwort war „Kirschbaum77“.', 'Kennwort war „[SECRET_1]“.'],
    ['密码：Qh@2026spring，登录', '密码：[SECRET_1]，登录'],
    ['密码 qinghe8888 没错', '密码 [SECRET_1] 没错'],
    ['口令是mc_build!9,不对', '口令是[SECRET_1],不对'],
    ['mot de passe : Tournesol*31', 'mot de passe : [SECRET_1]'],
    ['la contraseña es Girasol_2026', 'la contraseña es [SECRET_1]'],
    ['пароль: Ромашка7', 'пароль: [SECRET_1]'],
    ['パスワード：hana2026', 'パスワード：[SECRET_1]'],
    ['pw 4hase!, PW: 1234', 'pw [SECRET_1], PW: [SECRET_2]'],
    ['DB_PASSWORD=v8#Lantern\nDB_HOST=x', 'DB_PASSWORD=[SECRET_1]\nDB_HOST=x'],
    ['spring.datasource.password: ro5tiger', 'spring.datasource.password: [SECRET_1]'],
    ['{"Pwd": "Eich3l Haus", "User": "x"}', '{"Pwd": "[SECRET_1]", "User": "x"}'],
    ["$password = 'Hafen#Kran19'", "$password = '[SECRET_1]'"],
    ['Server=s;Password=Zaun;Database=Lager', 'Server=s;Password=[SECRET_1];Database=Lager'],
    ['<password>geheim</password>', '<password>[SECRET_1]</password>'],
    ['client_secret=abc, api-key: 9a8b7c6d5e', 'client_secret=[SECRET_1], api-key: [SECRET_2]'],
    ['AWS_SECRET_ACCESS_KEY=8ResqEDu/sTpkr', 'AWS_SECRET_ACCESS_KEY=[SECRET_1]'],
    ['token: 319c958d4857f26aa8323aed', 'token: [SECRET_1]'],
    ['my password for the old scanner: Blue42Sky', 'my password for the old scanner: [SECRET_1]'],
    ['I changed my password to Xy!zzy99 yesterday', 'I changed my password to [SECRET_1] yesterday'],
    [
      'Mein Kennwort habe ich gestern auf Wald-Pilz7 geändert',
      'Mein Kennwort habe ich gestern auf [SECRET_1] geändert',
    ],
    ['Schlüssel laut Aushang: gast-2611-hw', 'Schlüssel laut Aushang: [SECRET_1]'],
    ['Mine is 55210, PIN: 55210, order 155210', 'Mine is [SECRET_1], PIN: [SECRET_1], order 155210'],
    ['Login: demo / Passw0rd', 'Login: demo / [SECRET_1]'],
    ['Passphrase: correct horse battery staple', 'Passphrase: [SECRET_1]'],
    ['Einmalcode 883201, Ihr Code: 5', 'Einmalcode [SECRET_1], Ihr Code: 5'],
    ['Backup code 4471-9023; PIN is 4711', 'Backup code [SECRET_1]; PIN is [SECRET_2]'],
    ['验证码：482913', '验证码：[SECRET_1]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

describe('talk about passwords stays', () => {
  test.each([
    'Passwords expire every 90 days, the password reset page says "token expired"',
    'Passwort vergessen, Passwort-Reset kommt nicht an, Passwort: siehe Anhang',
    'wants my windows password:\n\n{noformat}Your mailbox',
    `The password is wrong. password: ******** password = \${DB_PASSWORD} password: null`,
    '密码忘记了，重置密码的邮件收不到。令牌已过期',
    'secretary: Jane, keyboard: Logitech, token-count: 500, max_tokens=400',
    'Key: OPS-1234, Registry key: HKLM\\Software\\X, key: value, token: expired',
    'pass: 3 fail: 0, Token: RSA SecurID, auth: failed, community: public',
    'Schlüsselwörter: Outlook, SAP; palabras clave: VPN, Citrix',
    'password 0x80070005, password KB5034441, Passwort 90 Tage',
    'MAIL_PASSWORD=\nNEXT=5',
    'the password of the new user was sent to OPS-1234, the password prompt came with KB5034441',
    'Key features: 12 rooms, key dates for Q3: 2026-12-01',
    'PIN code field, otp app, the PIN 12',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
