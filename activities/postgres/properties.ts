/** What belongs to a database but is neither in a dump of it nor in a copy made by TEMPLATE. */
import { z } from 'zod';
import { id, literal, type Session } from './server.ts';

export const propertiesSchema = z.object({
  name: z.string(),
  /** Of the cluster: a backup that comes home brings owner and rights along, a copy elsewhere does not. */
  system: z.string(),
  owner: z.string(),
  connectionLimit: z.number(),
  /** ALTER DATABASE … [ROLE …] SET, as `name=value`; role '' for all. */
  settings: z.array(z.object({ role: z.string(), values: z.array(z.string()) })),
  /** Null: the default rights. */
  rights: z.array(z.object({ grantee: z.string(), privilege: z.string(), grantable: z.boolean() })).nullable(),
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** `c` libc, `i` ICU, `b` builtin. */
  provider: z.string(),
  locale: z.string().nullable(),
});
export type Properties = z.infer<typeof propertiesSchema>;

/** The catalogue row is read as JSON, because its columns differ between releases (datlocprovider 15, datlocale 17). */
export const readProperties = async (session: Session, name: string): Promise<Properties | null> => {
  const [row] = await session.query<{ properties: Properties }>(
    `SELECT json_build_object(
       'name', d.datname,
       'system', (SELECT system_identifier::text FROM pg_control_system()),
       'owner', pg_get_userbyid(d.datdba),
       'connectionLimit', d.datconnlimit,
       'settings', coalesce((SELECT json_agg(json_build_object(
           'role', CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole)::text END, 'values', s.setconfig) ORDER BY s.setrole)
         FROM pg_db_role_setting s WHERE s.setdatabase = d.oid), '[]'),
       'rights', CASE WHEN d.datacl IS NOT NULL THEN coalesce((SELECT json_agg(json_build_object(
           'grantee', CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee)::text END,
           'privilege', a.privilege_type, 'grantable', a.is_grantable))
         FROM aclexplode(d.datacl) a), '[]') END,
       'encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate, 'ctype', d.datctype,
       'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
       'locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')) AS properties
     FROM pg_database d WHERE d.datname = $1`,
    [name],
  );
  return row ? propertiesSchema.parse(row.properties) : null;
};

/** CREATE DATABASE options that give a database of the same letters and order. */
export const localeOptions = ({ encoding, collate, ctype, provider, locale }: Properties): string => {
  const own =
    provider === 'i'
      ? ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale ?? 'und')}`
      : provider === 'b'
        ? ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale ?? 'C')}`
        : '';
  return `TEMPLATE template0 ENCODING ${literal(encoding)} LC_COLLATE ${literal(collate)} LC_CTYPE ${literal(ctype)}${own}`;
};

/** Settings always; owner, rights and limit only where the roles are the same ones (`all`). */
export const applyProperties = async (
  session: Session,
  name: string,
  properties: Properties,
  all: boolean,
): Promise<void> => {
  const database = `DATABASE ${id(name)}`;
  for (const { role, values } of properties.settings) {
    if (role !== '' && !all) continue;
    for (const setting of values) {
      const at = setting.indexOf('=');
      const change = `SET ${setting.slice(0, at)} = ${settingValue(setting.slice(0, at), setting.slice(at + 1))}`;
      await session.run(
        role === '' ? `ALTER ${database} ${change}` : `ALTER ROLE ${id(role)} IN ${database} ${change}`,
      );
    }
  }
  if (!all) return;
  await session.run(`ALTER ${database} OWNER TO ${id(properties.owner)}`);
  await session.run(`ALTER ${database} CONNECTION LIMIT ${properties.connectionLimit}`);
  if (properties.rights) {
    await session.run(`REVOKE ALL ON ${database} FROM PUBLIC, ${id(properties.owner)}`);
    for (const { grantee, privilege, grantable } of properties.rights)
      await session.run(
        `GRANT ${privilege} ON ${database} TO ${grantee === '' ? 'PUBLIC' : id(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`,
      );
  }
};

/** These hold lists that are stored quoted already (pg_dump's variable_is_guc_list_quote); one literal would make one name of them. */
const lists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);
const settingValue = (name: string, value: string): string =>
  lists.has(name.toLowerCase()) && value !== '' ? value : literal(value);
