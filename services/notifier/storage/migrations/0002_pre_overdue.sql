-- How many duties are overdue is asked every few seconds: the index holds the open ones only, by their moment. Its
-- condition is that of the statement that counts them (statements.py).
CREATE INDEX duty_overdue ON notifier.duty (due, kind)
    WHERE (kind = 'inform' AND state IN ('open', 'residual')) OR (kind = 'erase' AND state = 'owed');
