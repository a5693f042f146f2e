#!/usr/bin/env bash
# Makes the token and the certificate of the servers, into servers/secrets, which git ignores. Both last until this is run again;
# then: kubectl apply -k deploy/kubernetes/servers, and restart what has read the old ones.
#
#   deploy/kubernetes/make-secrets.sh [folder] [days]
set -euo pipefail
umask 077

folder=${1:-$(cd "$(dirname "$0")" && pwd)/servers/secrets}
days=${2:-365}
service=env-servers
namespace=gymwire
names="DNS:$service,DNS:$service.$namespace,DNS:$service.$namespace.svc,DNS:$service.$namespace.svc.cluster.local"
names+=",DNS:*.$service.$namespace.svc.cluster.local,DNS:localhost,IP:127.0.0.1"

mkdir -p "$folder"
openssl rand -base64 32 | tr -d '\n' > "$folder/token"

# The authority signs this one certificate; then its key is gone, and nobody can make another that trainers trust.
authority=$(mktemp -d)
trap 'rm -rf "$authority"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$days" -subj '/CN=gymwire authority' \
  -keyout "$authority/key" -out "$folder/ca.crt" 2> /dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$service" \
  -keyout "$folder/tls.key" -out "$authority/request" 2> /dev/null
openssl x509 -req -in "$authority/request" -CA "$folder/ca.crt" -CAkey "$authority/key" -CAserial "$authority/serial" -CAcreateserial -days "$days" \
  -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$names") \
  -out "$folder/tls.crt" 2> /dev/null
echo "token, ca.crt, tls.crt and tls.key are in $folder, for $days days"
