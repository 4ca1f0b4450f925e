import { describe, expect, test } from 'vitest';
import { redactor } from '../../../src/privacy/redact.ts';

const redact = (text: string) => redactor({ level: 'strict', people: [], patterns: [] }).redact(text);
const goes = (text: string, expected: string) => expect(redact(text)).toBe(expected);
const stays = (text: string) => expect(redact(text)).toBe(text);

describe('a user account goes', () => {
  test.each([
    ['C:\\Users\\elif.yilmaz\\Documents', 'C:\\Users\\[USER_1]\\Documents'],
    ['C:\\Users\\John Smith\\AppData', 'C:\\Users\\[USER_1]\\AppData'],
    ['/home/ymori/src, /Users/psantos', '/home/[USER_1]/src, /Users/[USER_2]'],
    ['CORP\\jtanaka3 and NORD\\d.hollis', '[USER_1] and [USER_2]'],
    ['user: jdoe, Benutzername = k.lenz', 'user: [USER_1], Benutzername = [USER_2]'],
    ['用户liuyang无法登录，账号：zhangwei', '用户[USER_1]无法登录，账号：[USER_2]'],
  ])('%s', goes);

  test.each([
    'C:\\Users\\Public\\x, /home/jenkins/ws, /home/',
    'HKLM\\Software\\X, App\\Models\\User, Projects\\2026\\Q1, \\Backup\\Nightly',
    'user: root, Benutzer: alle, account: 123, 用户Outlook, user name is shown',
  ])('but not %s', stays);
});

describe('a machine goes', () => {
  test.each([
    ['https://jira.acme.example/browse/OPS-1', 'https://[HOST_1]/browse/OPS-1'],
    ['http://intranet:8080/x', 'http://[HOST_1]:8080/x'],
    ['https://acme.sharepoint.com/sites/x', 'https://[HOST_1].sharepoint.com/sites/x'],
    ['mail.acme.example, dc7.corp.lan', '[HOST_1], [HOST_2]'],
    ['\\\\fs-ulm-02\\Vertrieb', '\\\\[HOST_1]\\Vertrieb'],
    [
      'DESKTOP-7F3K2LQ, PC-MUC-0231, srv-fra-sql02, sw-ber-acc-07, fs02',
      '[HOST_1], [HOST_2], [HOST_3], [HOST_4], [HOST_5]',
    ],
    ['电脑名 WIN-ABC1, hostname: kiosk-3', '电脑名 [HOST_1], hostname: [HOST_2]'],
    ['jdbc:oracle:thin:a/b77@//ora.acme.example:1521/X', 'jdbc:oracle:thin:a/[SECRET_1]@//[HOST_1]:1521/X'],
  ])('%s', goes);

  test.each([
    'https://github.com/acme/x https://login.microsoftonline.com/x http://localhost:3000',
    'com.acme.billing.TaxEngine, java.net, ASP.NET, node.js, report.final.xlsx, Salesforce.com',
    'PC-00123, NB-20417, WPA2-PSK, SHA-256, web-api-v2, sql-2019, db-migration-2026, vm-ware, OPS-1234',
    'billing-worker-7d9f8b6c5d-x2x9k, log4j-core-2.17.1.jar, gpt-4o-mini, app_v2',
  ])('but not %s', stays);
});

describe('a number that may be somebody goes', () => {
  test.each([
    ['customer number 88120394, Personalnummer 104477', 'customer number [NUMBER_1], Personalnummer [NUMBER_2]'],
    ['身份证号110105199003071238，工号304518', '身份证号[NUMBER_1]，工号[NUMBER_2]'],
    ['SSN 123-45-6789', 'SSN [NUMBER_1]'],
    ['date of birth 14 March 1994, geb. am 03.07.1991', 'date of birth [BIRTHDATE_1], geb. am [BIRTHDATE_2]'],
    ['出生日期：1992年5月18日', '出生日期：[BIRTHDATE_1]'],
  ])('%s', goes);

  test.each([
    'order 4500017723, Beleg: 1900004711, IDoc 0000000004711823, Kostenstelle 471100, PID 482131, 订单 88120394',
    '1234567 bytes, 100000 EUR, 20241105, #1234567, KB5034441, v1234567, 1.234.567, 12345',
    'released 12.03.2024, born in the cloud 12.03.2024',
  ])('but not %s', stays);
});

describe('where somebody lives goes', () => {
  test.each([
    ['wohnt Gartenstraße 14, Lange Gasse 3a', 'wohnt [ADDRESS_1], [ADDRESS_2]'],
    ['Adresse: Am Alten Markt 7', 'Adresse: [ADDRESS_1]'],
    ['ship to 1420 Maple Avenue, 27 Harbour Street', 'ship to [ADDRESS_1], [ADDRESS_2]'],
    ['12 rue des Lilas, Lille', '[ADDRESS_1], Lille'],
    ['Calle Mayor 45', '[ADDRESS_1]'],
    ['地址：海淀区中关村大街27号', '地址：[ADDRESS_1]'],
  ])('%s', goes);

  test.each([
    'Im Raum 12, Am Montag 9 Uhr, Arbeitsplatz 12, Speicherplatz 20 GB, 5 Hard Drive, 2号机柜',
    'Lager 3, Halle 2, Ring 3',
  ])('but not %s', stays);
});

describe('a name that nobody told us goes', () => {
  test.each([
    ['Hi Sanjay,\nplease', 'Hi [PERSON_1],\nplease'],
    [
      'Sehr geehrte Frau Dr. Kühn-Lenz, Herr Nowak ruft an',
      'Sehr geehrte Frau Dr. [PERSON_1], Herr [PERSON_2] ruft an',
    ],
    ['Mrs. O’Hara and Madame Fabre', 'Mrs. [PERSON_1] and Madame [PERSON_2]'],
    ['Mit freundlichen Grüßen\n\nPeter Groß', 'Mit freundlichen Grüßen\n\n[PERSON_1]'],
    ['Best regards,\nAnna van Dyk\nTeam Lead', 'Best regards,\n[PERSON_1]\nTeam Lead'],
    ['* Name: Svenja Albers\n* Beginn: Montag', '* Name: [PERSON_1]\n* Beginn: Montag'],
    ['李经理您好，请张工看一下', '[PERSON_1]经理您好，请[PERSON_2]工看一下'],
    ['新员工孙佳怡下周入职', '新员工[PERSON_1]下周入职'],
    ['请处理。此致\n刘强', '请处理。此致\n[PERSON_1]'],
  ])('%s', goes);

  test.each([
    'Hi Team, Hello Support, Dear all, Hallo zusammen, Sehr geehrte Damen und Herren, Hello world',
    'Thanks\nOutlook is fine again\nBest practice Guide, Danke\nSAP',
    'MS Word, Ms Excel, Herr der Ringe, Project name: Big Bang',
    '施工现场汇总，员工无法登录，总线故障，马上处理，高级工程师，安全主管，文件主管',
  ])('but not %s', stays);
});
