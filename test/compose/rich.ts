/** A compose file that uses whatever a stack can have. Nothing of it needs to run: its replicas are none. */
export const RICH = `
x-common: &common
  image: my-apache2:latest
  logging: {driver: json-file, options: {max-size: 10m, max-file: 3}}
services:
  web:
    <<: *common
    hostname: "{{.Node.Hostname}}-web"
    entrypoint: ["/bin/sh", "-c"]
    command: "exec '/start' --flag"
    user: "1000:1000"
    group_add: [50]
    working_dir: /srv
    environment: {LOG_LEVEL: info, NUMBER: 5, EMPTY: "", PASSWORD: hunter2}
    labels: [com.example.a=1]
    ports: ["8080:80", "9090-9091:9090-9091/udp", {target: 443, published: 8443, mode: host}]
    volumes:
      - data:/var/lib/data:nocopy
      - /etc/hostname:/host:ro
      - {type: tmpfs, target: /cache, tmpfs: {size: 64M, mode: 01777}}
      - {type: volume, target: /anonymous}
    tmpfs: /run
    networks: {front: {aliases: [www]}, default: }
    configs: [{source: site, target: /etc/site.conf, uid: "33", gid: "33", mode: 0440}]
    dns: 10.0.0.53
    dns_search: [example.lan]
    dns_opt: [ndots:2]
    extra_hosts: ["db.lan:10.0.0.9"]
    cap_add: [net_admin, SYS_TIME]
    cap_drop: [ALL]
    init: true
    read_only: true
    tty: true
    stdin_open: true
    stop_grace_period: 1m30s
    stop_signal: SIGINT
    sysctls: {net.core.somaxconn: 1024}
    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 64}
    healthcheck: {test: wget -q localhost, interval: 5s, timeout: 2s, retries: 3, start_period: 10s}
    deploy:
      replicas: 0
      endpoint_mode: vip
      labels: {tier: web}
      placement: {constraints: [node.role == manager], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 2}
      resources: {limits: {cpus: "0.50", memory: 128M, pids: 100}, reservations: {cpus: "0.1", memory: 16M}}
      restart_policy: {condition: on-failure, delay: 2s, max_attempts: 3, window: 1m}
      update_config: {parallelism: 2, delay: 1s, failure_action: rollback, monitor: 2s, max_failure_ratio: 0.25, order: start-first}
      rollback_config: {parallelism: 0, order: stop-first}
  plain:
    <<: *common
    restart: "no"
    deploy: {mode: replicated, replicas: 0}
  everywhere:
    image: my-redis
    networks: [hostnet]
    deploy: {mode: global, placement: {constraints: ["node.labels.none == yes"]}}
  once:
    image: my-apache2:latest
    command: ["true"]
    deploy: {mode: replicated-job, replicas: 0}
networks:
  front: {driver: overlay, attachable: true, internal: true, ipam: {config: [{subnet: 10.77.1.0/24}]}, labels: {a: b}}
  hostnet: {external: true, name: host}
volumes:
  data: {driver_opts: {type: tmpfs, device: tmpfs}, labels: {keep: "yes"}}
configs:
  site: {content: "listen $\${PORT}\\n"}
`;
