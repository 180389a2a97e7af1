"""From a rendered letter to the mail server: MIME, DKIM, SMTP, and the delivery reports that come back."""
