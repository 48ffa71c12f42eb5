-- Of which move of a source the operator was told: he is told once, of many in one letter.
ALTER TABLE sources ADD COLUMN moved_told TEXT;
UPDATE sources SET moved_told = moved_to WHERE moved_to IS NOT NULL;
-- Sources with one address are read together.
CREATE INDEX sources_address ON sources (address);
