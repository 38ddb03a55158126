"""ClickHouse migrations: ``NNNN_subject.sql``, applied in order, never changed once released."""
