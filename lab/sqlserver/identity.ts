/** Who the stand-in says it is: SQL Server 2022. */
export const serverVersion = [16, 0, 4135] as const;
export const serverName = 'STANDIN';
