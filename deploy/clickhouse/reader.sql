-- Who reads for dashboards, for servers where reader.xml cannot be put into users.d. Run it as an administrator after
-- `tocsin migrate`, again after an upgrade (it may be repeated), then make the user, with a password that stands in no file:
--   CREATE USER tocsin_reader IDENTIFIED BY '...' DEFAULT ROLE tocsin_reader_role
-- identities (who is behind a pseudonym) is left out on purpose.
CREATE ROLE IF NOT EXISTS tocsin_reader_role;
GRANT SELECT ON tocsin.signals TO tocsin_reader_role;
GRANT SELECT ON tocsin.minute_partials TO tocsin_reader_role;
GRANT SELECT ON tocsin.minutes TO tocsin_reader_role;
GRANT SELECT ON tocsin.source_progress TO tocsin_reader_role;
GRANT SELECT ON tocsin.findings TO tocsin_reader_role;
GRANT SELECT ON tocsin.alerts TO tocsin_reader_role;
GRANT SELECT ON tocsin.shadow_alerts TO tocsin_reader_role;
GRANT SELECT ON tocsin.pages TO tocsin_reader_role;
GRANT SELECT ON tocsin.cascades TO tocsin_reader_role;
GRANT SELECT ON tocsin.decisions TO tocsin_reader_role;
GRANT SELECT ON tocsin.deliveries TO tocsin_reader_role;
GRANT SELECT ON tocsin.rules TO tocsin_reader_role;
GRANT SELECT ON tocsin.influence TO tocsin_reader_role;
GRANT SELECT ON tocsin.rejected TO tocsin_reader_role;
GRANT SELECT ON tocsin.minute_totals TO tocsin_reader_role;
GRANT SELECT ON tocsin.incidents TO tocsin_reader_role;
GRANT SELECT ON tocsin.influence_leaders TO tocsin_reader_role;
GRANT SELECT ON tocsin.cascade_scores TO tocsin_reader_role;
GRANT SELECT ON tocsin.cascade_forecasts TO tocsin_reader_role;
GRANT SELECT ON tocsin.influence_stances TO tocsin_reader_role;
CREATE SETTINGS PROFILE IF NOT EXISTS tocsin_reader SETTINGS
    readonly = 2,
    max_execution_time = 30 MIN 1 MAX 60,
    max_memory_usage = 4000000000 MIN 1 MAX 4000000000,
    max_result_rows = 1000000 MIN 1 MAX 1000000,
    max_concurrent_queries_for_user = 20 READONLY,
    do_not_merge_across_partitions_select_final = 1
    TO tocsin_reader_role;
CREATE QUOTA IF NOT EXISTS tocsin_reader KEYED BY user_name FOR INTERVAL 60 second
    MAX queries = 1200, read_rows = 5000000000, execution_time = 600
    TO tocsin_reader_role;
