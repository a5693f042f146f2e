"""Any gymwire server as ordinary Gymnasium environments."""
