"""Files of rows that outlive the process: opened, migrated, written and bounded alike. Must know no table."""
