/**
 * The database of the BPMSoft stand-in. Table and column names of the platform (SysPackage, SysAdminUnit, SysSettings,
 * CompilationHistory) are those that clio and Creatio Academy show; of the connector only SmrSyncHistory and the flag
 * "use for deduplication" are published (vendor's update instruction), the other names are the practice ground's own.
 */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Connector, Integration } from '../../runbook/targets/index.ts';

export interface SeedOptions {
  /** Of the installed connector package. */
  readonly version: string;
  readonly user: string;
  readonly password: string;
  /** What production would reach if a copy is not made harmless. */
  readonly siteUrl: string;
  readonly onec: { readonly url: string; readonly user: string; readonly password: string };
  readonly mail?: string;
  /** Contacts that both ends have already, with their rows of SmrSyncHistory. Default 40, as many as the 1C stand-in has. */
  readonly contacts?: number;
  /** Orders likewise. Default 59: one fewer than the 1C stand-in has, so that an integration has something to move. */
  readonly orders?: number;
}

export const connectorPackage = 'SmrConnector1C';
export const integrationObjects = ['Contact', 'Order', 'Product', 'Account'];

/** How this stand-in's connector is named, as a plan has to say it. */
export const labConnector: Connector = {
  historyTable: 'SmrSyncHistory',
  objects: { entity: 'SmrIntegrationObject', key: 'Name', deduplicate: 'UseForDeduplication' },
  settings: [{ table: 'SmrIntegrationSetting', key: 'Code', ignore: ['ModifiedOn'] }],
  results: {
    entity: 'SmrIntegrationLog',
    integration: 'IntegrationName',
    status: 'Status',
    ok: 'Success',
    failed: 'Error',
    startedOn: 'StartedOn',
    message: 'Message',
    token: 'Token',
    tokenParameter: 'Token',
  },
  duplicates: [
    { table: 'Contact', columns: ['Name', 'Email'] },
    { table: 'Order', columns: ['Number'] },
  ],
};

export const labIntegrations: Integration[] = [
  { name: 'Orders', process: 'SmrRunIntegration', parameters: { Integration: 'Orders' }, timeout: 60 },
  { name: 'Contacts', process: 'SmrRunIntegration', parameters: { Integration: 'Contacts' }, timeout: 60 },
];

/** Rows that a copy needs changed: which 1C it talks to, and what acts by itself. */
export const labRows = {
  onec: (url: string) => [{ table: 'SmrConnection', set: { Url: url }, where: { Name: '1C' } }],
  quiet: [
    {
      table: 'MailboxSyncSettings',
      set: { SendEmailsViaThisAccount: 'false', EnableMailSynhronization: 'false' },
      where: {},
    },
    { table: 'QRTZ_TRIGGERS', set: { TRIGGER_STATE: 'PAUSED' }, where: {} },
  ],
};

export const hashPassword = (password: string): string => createHash('sha256').update(password).digest('hex');

/** Contact and order of that number as both ends know them (the 1C stand-in's seed makes the same ones). */
export const labContact = (at: number) => ({
  ref: md5(`contact${at}`),
  name: `Контакт ${at}`,
  email: `contact${at}@example.com`,
});
export const labOrder = (at: number, contacts = 40) => ({
  ref: md5(`order${at}`),
  number: `ЗК-${String(at).padStart(6, '0')}`,
  name: labContact((at % contacts) + 1).name,
});

/** In an empty database. */
export async function seedBpmsoft(client: ClientBase, options: SeedOptions): Promise<void> {
  const {
    version,
    user,
    password,
    siteUrl,
    onec,
    mail = 'smtp.production.example',
    contacts = 40,
    orders = 59,
  } = options;
  await client.query('begin');
  await client.query(tables);
  const row = (table: string, values: Record<string, unknown>): Promise<unknown> => {
    const names = Object.keys(values).map((name) => client.escapeIdentifier(name));
    return client.query(
      `insert into ${client.escapeIdentifier(table)} (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
      Object.values(values),
    );
  };
  for (const [name, packageVersion, maintainer] of [
    ['CrtBase', '1.4.0.12', 'BPMSoft'],
    ['CrtUIv2', '1.4.0.12', 'BPMSoft'],
    ['Custom', '0.0.0', 'Customer'],
    [connectorPackage, version, 'Customer'],
  ]) {
    await row('SysPackage', {
      Id: uuid('package', name),
      UId: uuid('uid', name),
      Name: name,
      Version: packageVersion,
      Maintainer: maintainer,
      InstallType: maintainer === 'BPMSoft' ? 1 : 0,
    });
  }
  await row('SysAdminUnit', {
    Id: uuid('user', user),
    Name: user,
    UserPassword: hashPassword(password),
    Active: true,
    LoginAttemptCount: 0,
  });
  for (const [code, value] of [
    ['SiteUrl', siteUrl],
    ['SmtpHost', mail],
    ['CoreVersion', '1.4.0.12'],
    ['1CExchangeFolder', `${siteUrl}/exchange`],
  ]) {
    await row('SysSettings', { Id: uuid('setting', code), Code: code, ValueTypeName: 'Text' });
    await row('SysSettingsValue', {
      Id: uuid('settingvalue', code),
      SysSettingsId: uuid('setting', code),
      TextValue: value,
    });
  }
  await row('MailboxSyncSettings', {
    Id: uuid('mail', 1),
    SenderEmailAddress: `crm@${mail}`,
    ServerAddress: mail,
    SendEmailsViaThisAccount: true,
    EnableMailSynhronization: true,
  });
  await row('QRTZ_TRIGGERS', {
    TRIGGER_NAME: 'SmrExchangeTrigger',
    JOB_NAME: 'SmrExchangeJob',
    TRIGGER_STATE: 'WAITING',
  });
  await row('SmrConnection', {
    Id: uuid('connection', 1),
    Name: '1C',
    Url: onec.url,
    Login: onec.user,
    Password: onec.password,
  });
  for (const name of integrationObjects)
    await row('SmrIntegrationObject', { Id: uuid('object', name), Name: name, UseForDeduplication: true });
  for (const [code, value] of [
    ['BatchSize', '500'],
    ['OrderStatusOnImport', 'New'],
    ['ContactOwner', 'Supervisor'],
    ['Charset', 'UTF-8'],
  ]) {
    await row('SmrIntegrationSetting', { Id: uuid('integrationsetting', code), Code: code, Value: value });
  }
  for (let at = 1; at <= contacts; at++) {
    const { ref, name, email } = labContact(at);
    await row('Contact', { Id: ref, Name: name, Email: email, Code: `C-${at}` });
    await row('SmrSyncHistory', {
      Id: uuid('history-contact', at),
      EntityName: 'Contact',
      LocalId: ref,
      RemoteRef: ref,
    });
  }
  for (let at = 1; at <= orders; at++) {
    const { ref, number } = labOrder(at, contacts);
    await row('Order', { Id: uuid('order', at), Number: number, ContactId: labContact((at % contacts) + 1).ref });
    await row('SmrSyncHistory', {
      Id: uuid('history-order', at),
      EntityName: 'Order',
      LocalId: uuid('order', at),
      RemoteRef: ref,
    });
  }
  await client.query('commit');
}

/** The same name always has the same address, so that duplicates can be told by both. */
export const emailOf = (name: string): string => `contact${name.replace(/\D/g, '')}@example.com`;

/** Stable ids: two seeded databases are equal. */
const uuid = (kind: string, of: string | number | undefined): string => md5(`${kind}:${of}`);
const md5 = (text: string): string =>
  createHash('md5')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const seeded = `timestamptz not null default '2025-03-01T09:00:00Z'`;
const tables = `
create table "SysPackage" ("Id" uuid primary key, "UId" uuid not null, "Name" text not null unique, "Version" text not null, "Maintainer" text not null, "InstallType" int not null);
create table "SysPackageInstallLog" ("Id" int primary key, "Text" text not null);
create table "SysAdminUnit" ("Id" uuid primary key, "Name" text not null unique, "UserPassword" text not null, "Active" boolean not null, "LoginAttemptCount" int not null);
create table "SysSettings" ("Id" uuid primary key, "Code" text not null unique, "ValueTypeName" text not null);
create table "SysSettingsValue" ("Id" uuid primary key, "SysSettingsId" uuid not null references "SysSettings", "TextValue" text);
create table "MailboxSyncSettings" ("Id" uuid primary key, "SenderEmailAddress" text, "ServerAddress" text, "SendEmailsViaThisAccount" boolean not null, "EnableMailSynhronization" boolean not null);
create table "QRTZ_TRIGGERS" ("TRIGGER_NAME" text primary key, "JOB_NAME" text not null, "TRIGGER_STATE" text not null);
create table "CompilationHistory" ("Id" uuid primary key default gen_random_uuid(), "CreatedOn" timestamptz not null default clock_timestamp(), "Result" int not null, "ErrorsWarnings" text not null, "ProjectName" text);
create table "SysCompilationError" ("FileName" text not null, "Line" int not null, "ErrorNumber" text not null, "ErrorText" text not null, "IsWarning" boolean not null default false);
create table "Contact" ("Id" uuid primary key default gen_random_uuid(), "CreatedOn" ${seeded}, "Name" text not null, "Email" text, "Code" text);
create table "Order" ("Id" uuid primary key default gen_random_uuid(), "CreatedOn" ${seeded}, "Number" text not null, "ContactId" uuid references "Contact");
create table "SmrConnection" ("Id" uuid primary key, "Name" text not null unique, "Url" text not null, "Login" text not null, "Password" text not null);
create table "SmrIntegrationObject" ("Id" uuid primary key, "Name" text not null unique, "UseForDeduplication" boolean not null);
create table "SmrIntegrationSetting" ("Id" uuid primary key, "Code" text not null unique, "Value" text not null, "ModifiedOn" ${seeded});
create table "SmrSyncHistory" ("Id" uuid primary key default gen_random_uuid(), "CreatedOn" ${seeded}, "EntityName" text not null, "LocalId" uuid not null, "RemoteRef" text not null);
create table "SmrIntegrationLog" ("Id" uuid primary key default gen_random_uuid(), "IntegrationName" text not null, "Status" text not null, "StartedOn" timestamptz not null default clock_timestamp(), "FinishedOn" timestamptz, "Message" text not null default '', "Token" text);
`;
