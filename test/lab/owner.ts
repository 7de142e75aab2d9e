// A process that owns a lab until it is killed. Arguments: state root, lab's name, hosts. Says "up NETWORK" when it is.
import { startLab } from '../../lab/lab.ts';

const [root = '', name = '', ...hosts] = process.argv.slice(2);
const lab = await startLab({ dir: root, name, hosts, images: false });
process.stdout.write(`up ${lab.network}\n`);
// Lives until it is killed or its standard input ends.
await new Promise((ended) => process.stdin.on('end', ended).resume());
await lab.down();
