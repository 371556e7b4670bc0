#!/bin/sh
exec redis-server /etc/cache/cache.conf "$@"
