-- Who was told what, and whom it was decided not to tell (kinds 6 and 7): few among all lines, and searched by controller
-- or covenant. What is no notice or exemption costs nothing here.
CREATE INDEX dossier_line_told ON projection.dossier_line (lane, position) WHERE kind IN (6, 7);
