import { describe, expect, it } from 'vitest';
import { enrich } from '../../../src/enrich/enrich.ts';

const SERVICES = {
  'SAP ERP': ['sap', 'fiori', 'va01'],
  'SAP BW': ['sap bw', 'bex'],
  Mail: ['outlook', 'exchange', '邮件', '邮箱'],
  VPN: ['vpn', 'globalprotect', 'fernzugriff'],
};

function serviceOf(summary: string, text = '', services: Readonly<Record<string, readonly string[]>> = SERVICES) {
  return enrich({ summary, text, custom: {} }, ['affected-service'], { services })['service'];
}

describe('affected-service', () => {
  it('is the one mentioned most', () => {
    expect(serviceOf('Problem', 'SAP is slow, Fiori too, and Outlook')).toBe('SAP ERP');
    expect(serviceOf('Problem', 'sap? no: outlook, Exchange')).toBe('Mail');
  });

  it('counts the title double', () => {
    expect(serviceOf('Outlook hangs', 'since VPN is on')).toBe('Mail');
  });

  it('takes the first of the map when mentions are even', () => {
    expect(serviceOf('Problem', 'vpn and outlook and sap')).toBe('SAP ERP');
  });

  it('counts only the longest of words that overlap', () => {
    expect(serviceOf('SAP  BW report empty')).toBe('SAP BW');
  });

  it('finds whole words only, save in scripts without spaces', () => {
    expect(serviceOf('asap please, sapling')).toBeUndefined();
    expect(serviceOf('SAP-Login und VPN-Verbindung', 'Fernzugriff')).toBe('VPN');
    expect(serviceOf('登录SAP时报错')).toBe('SAP ERP');
    expect(serviceOf('收不到邮件了', '公司邮箱打不开')).toBe('Mail');
  });

  it('takes words as they are, not as patterns', () => {
    expect(serviceOf('C++ compiler', '', { Build: ['c++', '(.*)'] })).toBe('Build');
    expect(serviceOf('anything', '', { Build: ['.*', 'c++'] })).toBeUndefined();
  });

  it("counts the service's own name", () => {
    expect(serviceOf('Time Tracking is down', '', { 'Time Tracking': ['tt2'] })).toBe('Time Tracking');
  });

  it('says nothing when no service is mentioned or known', () => {
    expect(serviceOf('The chair is broken')).toBeUndefined();
    expect(serviceOf('SAP is down', '', {})).toBeUndefined();
    expect(serviceOf('', '', { Odd: [' '], constructor: ['x1'] })).toBeUndefined();
  });

  it('shortens what is too long for a fact', () => {
    const name = `Service ${'😀'.repeat(100)}`;
    const service = serviceOf('down: xyz', '', { [name]: ['xyz'] }) ?? '';
    expect([...service]).toHaveLength(60);
    expect(service.isWellFormed()).toBe(true);
  });

  it.each([
    ['equal letters', 'a'.repeat(20_000)],
    ['words that begin alike', 'sap b '.repeat(3_300)],
    ['spaces after a word', `sap${' '.repeat(19_000)}`],
  ])('takes little time for 20,000 characters of %s', (_, hostile) => {
    serviceOf(hostile, hostile);
    const begin = process.threadCpuUsage();
    serviceOf(hostile, hostile);
    expect(process.threadCpuUsage(begin).user).toBeLessThan(50_000);
  });
});

describe('enrich', () => {
  it('tells nothing when nothing is asked', () => {
    expect(enrich({ summary: 'SAP', text: 'ThinkPad T14', custom: {} }, [], { services: SERVICES })).toEqual({});
  });

  it('tells what each plugin finds', () => {
    const issue = { summary: 'SAP Fiori is slow', text: 'ThinkPad T14, Windows 11\u0000', custom: {} };
    expect(enrich(issue, ['device-info', 'affected-service', 'affected-service'], { services: SERVICES })).toEqual({
      device: 'ThinkPad T14',
      os: 'Windows 11',
      service: 'SAP ERP',
    });
  });
});
