-- The new indexes are chosen by the planner only with fresh statistics.
ANALYZE objects;
ANALYZE timestamps;
