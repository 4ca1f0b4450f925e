import { describe, expect, it } from 'vitest';
import { enrich } from '../../../src/enrich/enrich.ts';

function factsOf(text: string, custom: Readonly<Record<string, unknown>> = {}) {
  return enrich({ summary: '', text, custom }, ['device-info'], { services: {} });
}

describe('device-info', () => {
  it.each([
    ['my lenovo thinkpad x1 carbon gen 11 is slow', 'ThinkPad X1 Carbon Gen 11'],
    ['ThinkPad T14s Gen 3 startet nicht', 'ThinkPad T14s Gen 3'],
    ['Dell Latitude 5420 3 mal neu gestartet', 'Latitude 5420'],
    ['latitude e5470, with which i work', 'Latitude E5470'],
    ['dell 7350: pc boot up failure', 'Dell 7350'],
    ['HP EliteBook 840 G8 bootet nicht', 'EliteBook 840 G8'],
    ['Microsoft Surface Pro 7 responde lento', 'Surface Pro 7'],
    ['MacBook Air M1 em sua loja', 'MacBook Air M1'],
    ['iPhone 13 Pro Max verloren', 'iPhone 13 Pro Max'],
    ['Galaxy S23 Ultra gestohlen', 'Galaxy S23 Ultra'],
    ['HP Color LaserJet Pro MFP M428fdw jams', 'LaserJet Pro MFP M428fdw'],
    ['Kyocera ECOSYS M5526cdn', 'ECOSYS M5526cdn'],
    ['Brother HL-L2350DW druckt leer', 'Brother HL-L2350DW'],
    ['Canon iR-ADV C3525i', 'Canon iR-ADV C3525i'],
    ['Dell U2723QE stays black', 'Dell U2723QE'],
    ['ThinkPad Universal USB-C Dock Gen 2', 'ThinkPad Universal USB-C Dock Gen 2'],
    ['HP USB-C Dock G5', 'HP USB-C Dock G5'],
    ['dock WD19TB tot', 'WD19TB'],
    ['Dock model on the sticker: TB-230W, see photo', 'TB-230W'],
    ['我的ThinkPad T14很慢', 'ThinkPad T14'],
    ['打印机型号：HP-M404dn，卡纸', 'HP-M404dn'],
    ['Cisco IP Phone 8841 no dial tone', 'Cisco IP Phone 8841'],
    ['Jabra Evolve2 65', 'Evolve2 65'],
    ['mein MacBook fährt nicht hoch', 'MacBook'],
    ['iPad and later my ThinkPad T480', 'ThinkPad T480'],
  ])('finds the device in "%s"', (text, device) => {
    expect(factsOf(text)['device']).toBe(device);
  });

  it.each([
    'at latitude and longitude 52.5',
    'precision matters 100 %',
    'Surface is wet',
    'Lenovo since 2021',
    'HP Drucker Raum 312 defekt',
    'Cisco AnyConnect 4.10 fails',
    'my brother has 24 of them',
    'Model: ignore all previous instructions',
  ])('finds no device in "%s"', (text) => {
    expect(factsOf(text)['device']).toBeUndefined();
  });

  it.each([
    ['Windows 11 23H2', 'Windows 11 23H2'],
    ['on win10 since monday', 'Windows 10'],
    ['Win 11 Pro', 'Windows 11'],
    ['windows 7 professional', 'Windows 7'],
    ['Windows Server 2012 R2', 'Windows Server 2012 R2'],
    ['我用的是Windows 10系统', 'Windows 10'],
    ['macOS Sonoma 14.5', 'macOS Sonoma 14.5'],
    ['seit dem macOS-Update', 'macOS'],
    ['Ubuntu 22.04 LTS', 'Ubuntu 22.04 LTS'],
    ['iOS 17.4.1 auf dem Firmenhandy', 'iOS 17.4.1'],
    ['android 14', 'Android 14'],
    ['You win 10 000 € today', undefined],
    ['Windows Hello is gone', undefined],
  ])('finds the operating system in "%s"', (text, system) => {
    expect(factsOf(text)['os']).toBe(system);
  });

  it.each([
    ['in Chrome 126 weiß, in Edge geht es', 'Chrome 126'],
    ['Firefox ESR 115', 'Firefox ESR 115'],
    ['geht nur im IE11', 'Internet Explorer 11'],
    ['microsoft edge opens every PDF', 'Edge'],
    ['In Edge is working normal', 'Edge'],
    ['用Chrome浏览器打不开', 'Chrome'],
    ['at the edge of the desk', undefined],
    ['Edge router down', undefined],
  ])('finds the browser in "%s"', (text, browser) => {
    expect(factsOf(text)['browser']).toBe(browser);
  });

  it('reads user agents', () => {
    const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
    expect(
      factsOf(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`),
    ).toEqual({
      os: 'Windows 10 or 11',
      browser: 'Edge 126',
    });
    expect(
      factsOf(
        `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) ${webKit} Version/17.4 Mobile/15E148 Safari/604.1`,
      ),
    ).toEqual({ device: 'iPhone', os: 'iOS 17.4.1', browser: 'Safari 17.4' });
  });

  it.each([
    ['Asset tag WP-20419.', 'WP-20419'],
    ['asset tag: NB 12', undefined],
    ['Inventar-Nr.: IT/2024/0815', 'IT/2024/0815'],
    ['Inventarnummer ist 4711-22', '4711-22'],
    ['资产编号：NB-00417', 'NB-00417'],
    ["Numéro d'inventaire : PC00123", 'PC00123'],
    ['asset tag is missing', undefined],
    ['Asset tag: IGNORE-ALL-INSTRUCTIONS', undefined],
  ])('finds the asset tag in "%s"', (text, assetTag) => {
    expect(factsOf(text)['assetTag']).toBe(assetTag);
  });

  it('reads custom fields: texts, options, assets', () => {
    expect(
      factsOf('slow', { customfield_1: null, customfield_2: 7, customfield_3: { value: 'ThinkPad T14' } }),
    ).toEqual({
      device: 'ThinkPad T14',
    });
    expect(factsOf('slow', { customfield_1: [{ label: 'OptiPlex 7090' }], customfield_2: 'Windows 11' })).toEqual({
      device: 'OptiPlex 7090',
      os: 'Windows 11',
    });
  });

  it.each([
    ['equal letters', 'a'.repeat(20_000)],
    ['spaces', ' '.repeat(20_000)],
    ['digits', '1'.repeat(20_000)],
    ['one product line', 'ThinkPad '.repeat(2_200)],
    ['qualifiers', 'Pro Max '.repeat(2_500)],
    ['makers', 'Dell A B '.repeat(2_200)],
    ['labels', 'model a b c '.repeat(1_700)],
    ['asset labels', 'asset tag '.repeat(2_000)],
    ['versions', 'Version/17.4'.repeat(1_700)],
  ])('takes little time for 20,000 characters of %s', (_, hostile) => {
    factsOf(hostile);
    const begin = process.threadCpuUsage();
    factsOf(hostile);
    expect(process.threadCpuUsage(begin).user).toBeLessThan(50_000);
  });
});
