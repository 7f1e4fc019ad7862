-- Lines whose original is gone end by themselves again.
WITH freed AS (
    DELETE FROM later_line
    WHERE lane = %(lane)s AND position = ANY(%(orphans)s)
    RETURNING position, sealed_until
)
UPDATE dossier_line AS line
SET record_ends = freed.sealed_until, kept_until = freed.sealed_until
FROM freed
WHERE line.lane = %(lane)s AND line.position = freed.position
