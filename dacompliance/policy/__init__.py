"""What the force has decided: rules, versions, calendars, as frozen values read from files."""
