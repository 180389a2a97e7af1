"""The database: tables, migrations, and a repository for each subject. Only `store` begins and ends a transaction."""
