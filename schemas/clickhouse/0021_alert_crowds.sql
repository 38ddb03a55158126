-- Distinct authors of the last day, where an alarm weighs more than half of one; 0: it does not.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS crowd UInt64 AFTER authors;
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS crowd UInt64 AFTER authors;
