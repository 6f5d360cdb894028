-- As Kinto reads it itself: the highest of the versions that its migrations have written.
SELECT max(value::integer) FROM metadata WHERE name = 'storage_schema_version'
