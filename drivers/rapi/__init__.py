"""OpenEVSE charging board over RAPI, its serial line protocol."""
