. /tmp/ad/env.sh
$PY /tmp/ad/greedy3.py W Al Fe > /tmp/ad/g3.out 2>&1
